import { NavLink, ScrollArea, Tooltip } from '@mantine/core';
import { Link, useLocation } from 'react-router';
import { may, useSession } from '@/api/session';
import classes from './Navigation.module.css';
import { GROUPS, type Place } from './places';

interface NavigationProps {
  /** Icons only; the names are in tooltips. */
  narrow: boolean;
  /** A place was chosen: on a phone the menu closes. */
  onGo: () => void;
}

export function Navigation({ narrow, onGo }: NavigationProps) {
  const role = useSession().user.role;
  return (
    <ScrollArea type="auto" h="100%">
      {GROUPS.map((group, index) => (
        <div key={group.label}>
          {narrow ? (
            index > 0 && <div className={classes.divider} />
          ) : (
            <div className={classes.group}>{group.label}</div>
          )}
          {group.places
            .filter((place) => place.right === undefined || may(role, place.right))
            .map((place) => (
              <PlaceLink key={place.to} place={place} narrow={narrow} onGo={onGo} />
            ))}
        </div>
      ))}
    </ScrollArea>
  );
}

function PlaceLink({ place, narrow, onGo }: { place: Place } & NavigationProps) {
  const path = useLocation().pathname;
  const here = path === place.to || path.startsWith(`${place.to}/`);
  return (
    <Tooltip label={place.label} position="right" disabled={!narrow}>
      <NavLink
        component={Link}
        to={place.to}
        label={narrow ? null : place.label}
        aria-label={place.label}
        aria-current={here ? 'page' : undefined}
        active={here}
        leftSection={<place.icon size={18} aria-hidden />}
        className={classes.link}
        onClick={onGo}
      />
    </Tooltip>
  );
}
