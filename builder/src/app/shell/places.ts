import {
  type Icon,
  IconActivity,
  IconAddressBook,
  IconFileImport,
  IconInbox,
  IconKey,
  IconMailCog,
  IconQuestionMark,
  IconRocket,
  IconRoute,
  IconSettings,
  IconUsers,
  IconUsersGroup,
  IconWalk,
} from '@tabler/icons-react';
import type { Right } from '@/api/session';

export interface Place {
  to: string;
  label: string;
  icon: Icon;
  /** Only those who may this see it. */
  right?: Right;
}

export interface Group {
  label: string;
  places: readonly Place[];
}

/** The navigation, from what is used most. */
export const GROUPS: readonly Group[] = [
  {
    label: 'Campaigns',
    places: [
      { to: '/workflows', label: 'Workflows', icon: IconRoute },
      { to: '/journeys', label: 'Journeys', icon: IconWalk },
      { to: '/templates', label: 'Templates', icon: IconMailCog },
      { to: '/launches', label: 'Launches', icon: IconRocket },
      { to: '/explain', label: 'Why (not)?', icon: IconQuestionMark },
    ],
  },
  {
    label: 'Audience',
    places: [
      { to: '/contacts', label: 'Contacts', icon: IconAddressBook },
      { to: '/segments', label: 'Segments', icon: IconUsersGroup },
      { to: '/imports', label: 'Imports', icon: IconFileImport },
      { to: '/events', label: 'Events', icon: IconActivity },
    ],
  },
  {
    label: 'Workspace',
    places: [
      { to: '/messages-inbox', label: 'Caught messages', icon: IconInbox },
      { to: '/keys', label: 'Keys', icon: IconKey, right: 'own' },
      { to: '/users', label: 'Users', icon: IconUsers },
      { to: '/settings', label: 'Settings', icon: IconSettings },
    ],
  },
];
