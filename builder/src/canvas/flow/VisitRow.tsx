import classes from './Nodes.module.css';
import type { BlockVisit } from './nodes';

const SAID: Readonly<Record<BlockVisit['state'], string>> = {
  passed: 'Step',
  here: 'Is here, step',
  ended: 'Ended here, step',
  broken: 'Failed here, step',
};

/** A contact's visits of a block: their places in its way, and when it came and left. */
export function VisitRow({ visit }: { visit: BlockVisit }) {
  return (
    <div className={classes.visit}>
      <span className={classes.places}>
        <span className={classes.spoken}>{SAID[visit.state]} </span>
        {visit.places.join(', ')}
      </span>
      <div>
        {visit.lines.map((line) => (
          <div key={line}>{line}</div>
        ))}
      </div>
    </div>
  );
}
