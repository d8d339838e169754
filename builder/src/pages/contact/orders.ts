/** Orders in words. */
import type { Order } from '@/api/contacts';

const STATUS: Readonly<Record<Order['status'], string>> = {
  initialized: 'begun',
  in_progress: 'in progress',
  delivered: 'delivered',
  cancelled: 'cancelled',
  abandoned: 'abandoned',
};

export const statusWords = (status: Order['status']): string => STATUS[status];

/** An amount in its currency; a dash when it was not said. */
export function money(amount: number | null, currency: string | null): string {
  if (amount === null) return '–';
  if (currency === null) return amount.toLocaleString('en-GB');
  return amount.toLocaleString('en-GB', { style: 'currency', currency });
}
