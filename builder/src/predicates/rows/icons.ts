import {
  IconBolt,
  IconCalendarClock,
  IconMail,
  IconSend,
  IconShoppingCart,
  IconUser,
  IconUsersGroup,
  IconVariable,
} from '@tabler/icons-react';
import type { LeafKind } from '../model/kinds';

export const LEAF_ICONS: Readonly<Record<LeafKind, typeof IconBolt>> = {
  field: IconUser,
  event: IconBolt,
  order: IconShoppingCart,
  segment: IconUsersGroup,
  message: IconMail,
  reachable: IconSend,
  now: IconCalendarClock,
  param: IconVariable,
};
