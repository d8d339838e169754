import { useSession } from '@/api/session';
import { useContactZone } from './queries';

/** The zone that a contact's dates are shown in: its own, else the workspace's. */
export function useZone(contact: string | null | undefined): string {
  const { workspace } = useSession();
  return useContactZone(contact) ?? workspace.timezone;
}
