import { useEffect, useRef } from 'react';
import { useBlocker } from 'react-router';
import { confirm } from '@/shared/confirm';

/** Asks before leaving with unsaved changes; answers how to leave without being asked. */
export function useLeaving(dirty: boolean, leave: () => void): () => void {
  const free = useRef(false);
  const blocker = useBlocker(
    ({ currentLocation, nextLocation }) =>
      dirty && !free.current && currentLocation.pathname !== nextLocation.pathname,
  );
  const leaving = useRef(leave);
  useEffect(() => {
    leaving.current = leave;
  });
  useEffect(() => {
    if (blocker.state !== 'blocked') return;
    void confirm({
      title: 'Leave without saving?',
      children: 'What you changed in this template is not saved.',
      action: 'Discard changes',
      danger: true,
    }).then((sure) => {
      if (!sure) return blocker.reset();
      leaving.current();
      blocker.proceed();
    });
  }, [blocker]);
  useEffect(() => {
    if (!dirty) return;
    const warn = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener('beforeunload', warn);
    return () => window.removeEventListener('beforeunload', warn);
  }, [dirty]);
  return () => {
    free.current = true;
  };
}
