import { Tabs } from "@mantine/core";
import { type ReactNode, Suspense, useEffect, useRef } from "react";
import { PageSkeleton } from "./states";

type Props<Tab extends string> = {
  tabs: readonly Tab[];
  value: Tab;
  label: (tab: Tab) => string;
  onChange: (tab: Tab) => void;
  children: ReactNode;
};

const EDGE_PX = 40;

/** The parts of a page by their place in its address. */
export function TabBar<Tab extends string>(props: Props<Tab>) {
  const { tabs, value, label, onChange, children } = props;
  const list = useRef<HTMLDivElement>(null);
  // On a phone the row scrolls aside: the address may name a tab beyond its edge.
  useEffect(() => {
    const open = list.current?.querySelector<HTMLElement>(`[data-tab="${value}"]`);
    if (open) list.current?.scrollTo({ left: open.offsetLeft - EDGE_PX });
  }, [value]);
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
          <Tabs.Tab key={tab} value={tab} data-tab={tab}>
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
