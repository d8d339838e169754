import { useEffect } from 'react';
import { useBlocker } from 'react-router';
import { confirm } from '@/shared/confirm';

/** Asks before leaving the page with unsaved conditions. */
export function useLeaving(dirty: boolean): void {
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      dirty && currentLocation.pathname !== nextLocation.pathname,
  );
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    void confirm({
      title: 'Leave without saving?',
      children: 'What you changed in these conditions is not saved.',
      action: 'Discard changes',
      danger: true,
    }).then((sure) => (sure ? blocker.proceed() : blocker.reset()));
  }, [blocker]);
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [dirty]);
}
