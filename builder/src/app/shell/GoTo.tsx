import { ActionIcon, Tooltip } from '@mantine/core';
import { useHotkeys } from '@mantine/hooks';
import { IconSearch } from '@tabler/icons-react';
import { lazy, Suspense, useState } from 'react';

// Comes when it is first asked for: no page waits for it.
const Palette = lazy(() => import('./Palette').then((module) => ({ default: module.Palette })));

/** Opens the way to anywhere: by Ctrl-K (⌘K), or by hand. */
export function GoTo() {
  const [asked, setAsked] = useState(0);
  const open = (): void => setAsked((before) => before + 1);
  // Also while somebody types: it takes no letter from them.
  useHotkeys([['mod+K', open]], [], true);
  return (
    <>
      <Tooltip label="Go to… (Ctrl K)">
        <ActionIcon
          variant="subtle"
          color="gray"
          size="lg"
          aria-label="Go to a page, workflow or contact"
          aria-keyshortcuts="Control+K Meta+K"
          onClick={open}
        >
          <IconSearch size={18} aria-hidden />
        </ActionIcon>
      </Tooltip>
      {asked > 0 && (
        <Suspense>
          <Palette asked={asked} />
        </Suspense>
      )}
    </>
  );
}
