"""What becomes of messages after they left: deliveries, bounces, opens and clicks."""
