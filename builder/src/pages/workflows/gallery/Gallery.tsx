import { NavLink, Select } from '@mantine/core';
import { useQuery } from '@tanstack/react-query';
import { useState } from 'react';
import { api, ok } from '@/api/client';
import { ErrorState } from '@/shared/ErrorState';
import { LoadingRows } from '@/shared/LoadingRows';
import classes from './Gallery.module.css';
import { ReadyDetails } from './ReadyDetails';

/** What there is, and the chosen one with its picture. */
export function Gallery() {
  const query = useQuery({
    queryKey: ['gallery'],
    queryFn: async () => (await ok(api.GET('/v1/gallery'))).data,
  });
  const [chosen, setChosen] = useState<string | null>(null);
  if (query.isError) return <ErrorState error={query.error} retry={() => void query.refetch()} />;
  const all = query.data;
  const ready = all?.find((one) => one.key === chosen) ?? all?.[0];
  if (!all || !ready) return <LoadingRows rows={10} />;
  return (
    <div className={classes.gallery}>
      <nav className={classes.list} aria-label="Ready workflows">
        {all.map((one) => (
          <NavLink
            key={one.key}
            component="button"
            active={one.key === ready.key}
            label={one.name}
            onClick={() => setChosen(one.key)}
          />
        ))}
      </nav>
      <Select
        className={classes.choice ?? ''}
        label="Workflow"
        data={all.map((one) => ({ value: one.key, label: one.name }))}
        value={ready.key}
        allowDeselect={false}
        onChange={setChosen}
      />
      <ReadyDetails key={ready.key} ready={ready} />
    </div>
  );
}
