import { Tabs } from "@mantine/core";
import { type ReactNode, Suspense, useRef } from "react";
import { PageSkeleton } from "./states";
import { useTabInView } from "./use_tab_in_view";

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
  const list = useRef<HTMLDivElement>(null);
  useTabInView(list, value);
  return (
    <Tabs
      value={value}
      keepMounted={false}
      onChange={(given) => {
        const chosen = tabs.find((tab) => tab === given);
        if (chosen !== undefined) onChange(chosen);
      }}
    >
      <Tabs.List mb="md" ref={list}>
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
