import { ScrollArea } from '@mantine/core';
import { type ReactNode, useEffect, useRef, useState } from 'react';

/** What may be wider than the page: it scrolls sideways, by keyboard too, once it does not fit. */
export function Sideways({ label, children }: { label: string; children: ReactNode }) {
  const viewport = useRef<HTMLDivElement>(null);
  const [wide, setWide] = useState(false);
  useEffect(() => {
    const box = viewport.current;
    if (box === null) return;
    const look = (): void => setWide(box.scrollWidth > box.clientWidth);
    const observer = new ResizeObserver(look);
    observer.observe(box);
    if (box.firstElementChild) observer.observe(box.firstElementChild);
    return () => observer.disconnect();
  }, []);
  const region = { role: 'region', 'aria-label': label, tabIndex: 0 };
  return (
    <ScrollArea type="auto" viewportRef={viewport} viewportProps={wide ? region : NOTHING}>
      {children}
    </ScrollArea>
  );
}

const NOTHING = {};
