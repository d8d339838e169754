import { Button } from '@mantine/core';
import { IconMapPinOff } from '@tabler/icons-react';
import { Link } from 'react-router';
import { EmptyState } from '@/shared/EmptyState';

export function Component() {
  return (
    <EmptyState
      icon={IconMapPinOff}
      title="There is nothing at this address"
      action={
        <Button component={Link} to="/workflows">
          To the workflows
        </Button>
      }
    >
      Check the address, or look for it in the menu.
    </EmptyState>
  );
}
