/** What a contact is called, and where its page is. */
import type { Contact } from '@/api/contacts';

type Named = Pick<Contact, 'id' | 'userId' | 'email' | 'phone' | 'fields'>;

const text = (value: unknown): string => (typeof value === 'string' ? value.trim() : '');

/** Its name, else its address, else the best id there is. */
export function contactName({ fields, email, phone, userId, id }: Named): string {
  const parts = [text(fields.first_name), text(fields.last_name)].filter(Boolean);
  return (
    text(fields.name) || parts.join(' ') || email || userId || phone || `Unknown ${id.slice(0, 8)}`
  );
}

export const contactPath = ({ userId, id }: Pick<Contact, 'id' | 'userId'>): string =>
  `/contacts/${encodeURIComponent(userId ?? id)}`;
