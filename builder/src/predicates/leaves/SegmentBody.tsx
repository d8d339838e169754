import { Select, Text } from '@mantine/core';
import { useSegments } from '@/canvas/fields/data';
import { ValueInput } from '../inputs/ValueInput';
import type { SegmentLeaf } from '../model/kinds';
import { messageAt } from '../model/places';
import classes from '../Predicates.module.css';
import type { BodyProps } from './LeafBody';

/** A segment by its key, and values for the parameters that it takes. */
export function SegmentBody({ part, edit, wrong, issues }: BodyProps<SegmentLeaf>) {
  const { data, isPending } = useSegments();
  const found = data?.find((one) => one.key === part.segment);
  const options = (data ?? []).map((one) => ({ value: one.key, label: one.name }));
  if (part.segment !== '' && !found) options.unshift({ value: part.segment, label: part.segment });
  const bound = part.params ?? {};
  const names = [...new Set([...(found?.params ?? []), ...Object.keys(bound)])];
  return (
    <>
      <Select
        size="xs"
        aria-label="Segment"
        data={options}
        value={part.segment || null}
        error={wrong('segment')}
        searchable
        placeholder={isPending ? 'Loading…' : 'Choose a segment'}
        nothingFoundMessage="No segment of this name"
        flex="1 1 200px"
        maw={360}
        onChange={(segment) =>
          // What another segment takes says nothing about this one.
          edit(() => ({ segment: segment ?? '' }))
        }
      />
      {names.map((name) => (
        <div key={name} className={classes.check}>
          <Text span size="xs" c="dimmed">
            with {name}
          </Text>
          <ValueInput
            op={Array.isArray(bound[name]) ? 'in' : '='}
            value={bound[name]}
            label={`Value of ${name}`}
            error={messageAt(issues, `params.${name}`) !== undefined}
            onChange={(value) =>
              edit((now) => ({ ...now, params: { ...now.params, [name]: value } }))
            }
          />
        </div>
      ))}
    </>
  );
}
