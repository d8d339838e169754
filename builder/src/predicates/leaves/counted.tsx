/** What is counted: events and orders. */
import { Button, MultiSelect, Text } from '@mantine/core';
import { useEventDetail, useEventVolumes } from '@/api/catalogue';
import type { ParamCheck } from '@/canvas/model/types';
import { useEditing } from '../context';
import { ChecksInput } from '../inputs/ChecksInput';
import { CountInput, TimesInput } from '../inputs/CountInput';
import { NameInput } from '../inputs/NameInput';
import { WindowInput } from '../inputs/spans';
import { type EventLeaf, ORDER_STATES, type Order, type OrderLeaf } from '../model/kinds';
import classes from '../Predicates.module.css';
import { asOption, ORDER_PROPERTIES } from '../types';
import type { BodyProps } from './LeafBody';

/** A copy without a field: left out is how the server wants what is not said. */
function without<Part extends object>(part: Part, ...fields: (keyof Part)[]): Part {
  const gone = new Set<PropertyKey>(fields);
  return Object.fromEntries(Object.entries(part).filter(([name]) => !gone.has(name))) as Part;
}

interface Filtered {
  readonly where?: ParamCheck[];
}

/** The same with another filter; an empty one is left out. */
function withWhere<Part extends Filtered>(
  part: Part,
  change: (checks: readonly ParamCheck[]) => readonly ParamCheck[],
): Part {
  const where = change(part.where ?? []);
  return where.length === 0 ? without(part, 'where') : { ...part, where: [...where] };
}

export function EventBody({ part, edit, wrong, issues }: BodyProps<EventLeaf>) {
  const { journey } = useEditing();
  const { data } = useEventVolumes();
  const known = data?.some((one) => one.name === part.event) ?? false;
  const detail = useEventDetail(part.event, known);
  return (
    <>
      <NameInput
        label="Event"
        placeholder="event"
        value={part.event}
        options={data?.map((one) => ({
          name: one.name,
          about: `${one.last_30d.toLocaleString('en')} in 30 days`,
        }))}
        unknown="No event of this name has come yet. It may still come."
        error={wrong('event')}
        onChange={(event) => edit((now) => ({ ...now, event }))}
      />
      <TimesInput
        value={part.times}
        error={wrong('times')}
        onChange={(times) =>
          edit((now) => (times === null ? without(now, 'times') : { ...now, times }))
        }
      />
      <WindowInput
        value={part.within}
        journey={journey !== null}
        error={wrong('within')}
        onChange={(within) =>
          edit((now) => (within === null ? without(now, 'within') : { ...now, within }))
        }
      />
      <ChecksInput
        value={part.where}
        properties={known ? detail.data?.properties.map(asOption) : []}
        event={part.event}
        issues={issues}
        at="where"
        edit={(change) => edit((now) => withWhere(now, change))}
      />
    </>
  );
}

export function OrderBody({ part, edit, wrong, issues }: BodyProps<OrderLeaf>) {
  const { journey } = useEditing();
  const { order } = part;
  const set = (change: (order: Order) => Order): void =>
    edit((now) => ({ ...now, order: change(now.order) }));
  return (
    <>
      <MultiSelect
        size="xs"
        aria-label="States of the orders"
        placeholder={order.status?.length ? '' : 'in any state'}
        data={ORDER_STATES.map((state) => ({ value: state, label: state.replace('_', ' ') }))}
        value={order.status ?? []}
        error={wrong('order.status')}
        flex="1 1 170px"
        maw={360}
        onChange={(chosen) => {
          const status = ORDER_STATES.filter((state) => chosen.includes(state));
          set((now) => (status.length === 0 ? without(now, 'status') : { ...now, status }));
        }}
      />
      <TimesInput
        value={order.times}
        error={wrong('order.times')}
        onChange={(times) =>
          set((now) => (times === null ? without(now, 'times') : { ...now, times }))
        }
      />
      <WindowInput
        value={order.within}
        journey={journey !== null}
        error={wrong('order.within')}
        onChange={(within) =>
          set((now) => (within === null ? without(now, 'within') : { ...now, within }))
        }
      />
      {order.total ? (
        <div className={classes.check}>
          <Text span size="xs" c="dimmed">
            worth in total
          </Text>
          <CountInput
            label="Total"
            value={order.total}
            error={wrong('order.total')}
            onChange={(total) => set((now) => ({ ...now, total }))}
          />
          <Button
            variant="subtle"
            color="gray"
            size="compact-xs"
            onClick={() => set((now) => without(now, 'total'))}
          >
            Any total
          </Button>
        </div>
      ) : (
        <Button
          variant="subtle"
          size="compact-xs"
          onClick={() => set((now) => ({ ...now, total: { op: '>=', value: 100 } }))}
        >
          Worth in total…
        </Button>
      )}
      <ChecksInput
        value={order.where}
        properties={ORDER_PROPERTIES}
        issues={issues}
        at="order.where"
        edit={(change) => set((now) => withWhere(now, change))}
      />
    </>
  );
}
