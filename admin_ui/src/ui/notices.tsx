import { Notifications } from "@mantine/notifications";
import { useSyncExternalStore } from "react";
import classes from "./notices.module.css";

const SHOWN_MAX = 3;

type Place = { element: HTMLElement | null; nth: number };

let place: Place = { element: null, nth: 0 };
const listeners = new Set<() => void>();

function offer(element: HTMLElement | null): void {
  place = { element, nth: place.nth + 1 };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** In the place that the page keeps for them; over its corner where it keeps none. */
export function Notices() {
  const { element, nth } = useSyncExternalStore(subscribe, () => place);
  return (
    <Notifications
      key={nth}
      position="bottom-right"
      limit={SHOWN_MAX}
      portalProps={element === null ? undefined : { target: element }}
      classNames={element === null ? undefined : { root: classes.inPlace }}
    />
  );
}

/** For pages that are controls up to every edge: a notice over them would hide one. */
export function PlaceOfNotices({ className }: { className?: string }) {
  return <div ref={offer} className={className} />;
}
