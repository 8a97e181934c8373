import { Tabs } from "@mantine/core";
import { type ReactNode, Suspense } from "react";
import { PageSkeleton } from "@/ui/states";

type Props<Tab extends string> = {
  tabs: readonly Tab[];
  value: Tab;
  label: (tab: Tab) => string;
  onChange: (tab: Tab) => void;
  children: ReactNode;
};

/** The parts of a page by their place in its address. */
export function TabBar<Tab extends string>(props: Props<Tab>) {
  const { tabs, value, label, onChange, children } = props;
  return (
    <Tabs
      value={value}
      keepMounted={false}
      onChange={(given) => {
        const chosen = tabs.find((tab) => tab === given);
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      <Tabs.List mb="md">
        {tabs.map((tab) => (
          <Tabs.Tab key={tab} value={tab}>
            {label(tab)}
          </Tabs.Tab>
        ))}
      </Tabs.List>
      <Tabs.Panel value={value}>
        <Suspense fallback={<PageSkeleton />}>{children}</Suspense>
      </Tabs.Panel>
    </Tabs>
  );
}
