from sqlalchemy import text


async def test_the_servers_answer(database, workspace_id, temporal):
    async with database.transaction() as connection:
        assert (await connection.execute(text("SELECT count(*) FROM workspaces"))).scalar_one() >= 1
    assert (await temporal.workflow_service.get_system_info(__import__("temporalio.api.workflowservice.v1", fromlist=["x"]).GetSystemInfoRequest())).server_version
