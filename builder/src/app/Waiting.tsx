import { Center, Loader } from '@mantine/core';

/** Until it is known who is signed in and the page's file is here. */
export function Waiting() {
  return (
    <Center h="100%" role="status">
      <Loader aria-label="Loading" />
    </Center>
  );
}
