import { UnstyledButton, useMantineColorScheme } from "@mantine/core";
import { Avatar } from "@/ui/avatar";

/** Stands where the account's menu stands; here a click changes the colours. */
export function StoryMenu({ compact }: { compact: boolean }) {
  const { toggleColorScheme } = useMantineColorScheme();
  return (
    <UnstyledButton
      onClick={toggleColorScheme}
      aria-label="Jonas Lind, change colours"
      style={{ display: "flex", gap: 10, alignItems: "center", padding: compact ? 2 : "6px 8px" }}
    >
      <Avatar name="Jonas Lind" />
      {!compact && <strong>Jonas Lind</strong>}
    </UnstyledButton>
  );
}
