import { Anchor, Group, Stack, Text, Title } from '@mantine/core';
import { IconChevronLeft } from '@tabler/icons-react';
import { type ReactNode, useEffect } from 'react';
import { Link } from 'react-router';

interface PageHeaderProps {
  title: string;
  /** Drawn beside the title: a badge of its state. */
  badge?: ReactNode;
  /** One sentence that says what the page is for. */
  description?: ReactNode;
  /** Buttons at the right. */
  actions?: ReactNode;
  back?: { to: string; label: string };
}

/** The top of every page; names the document, too. */
export function PageHeader({ title, badge, description, actions, back }: PageHeaderProps) {
  useEffect(() => {
    document.title = `${title} · Sojourn`;
  }, [title]);
  return (
    <Stack gap={4} mb="md">
      {back && (
        <Anchor component={Link} to={back.to} size="sm" w="fit-content">
          <Group gap={4} wrap="nowrap">
            <IconChevronLeft size={14} aria-hidden />
            {back.label}
          </Group>
        </Anchor>
      )}
      <Group justify="space-between" gap="sm" mih={36}>
        <Group gap="sm">
          <Title order={1} size="h2">
            {title}
          </Title>
          {badge}
        </Group>
        {actions && <Group gap="xs">{actions}</Group>}
      </Group>
      {description && (
        <Text c="dimmed" size="sm" maw={720}>
          {description}
        </Text>
      )}
    </Stack>
  );
}
