import { CloseButton, TextInput } from "@mantine/core";
import { IconSearch } from "@tabler/icons-react";
import { useRouter } from "@tanstack/react-router";
import { useEffect, useRef, useState } from "react";
import { useTranslation } from "react-i18next";
import { Kbd } from "./kbd";
import classes from "./search_input.module.css";
import { useShortcuts } from "./shortcuts";

// A pause in typing, so that not every letter is a request and an entry of the history.
const QUIET_MS = 250;

type Props = {
  label: string;
  /** As it stands in the URL. */
  value: string;
  onChange: (value: string) => void;
  shortcut?: boolean;
};

/** Searches while one types; "/" leads here from anywhere on the page. */
export function SearchInput({ label, value, onChange, shortcut = true }: Props) {
  const { t } = useTranslation();
  const router = useRouter();
  const input = useRef<HTMLInputElement>(null);
  const [text, setText] = useState(value);
  const [sent, setSent] = useState(value);
  if (value !== sent) {
    // The address changed by other means: Back, or a link.
    setSent(value);
    setText(value);
  }

  useEffect(() => {
    if (text === sent) return undefined;
    const timer = setTimeout(() => {
      // Somebody who clicked on a row meanwhile is on the way out: a search would call them back.
      if (router.latestLocation.pathname !== router.state.resolvedLocation?.pathname) return;
      setSent(text.trim());
      onChange(text.trim());
    }, QUIET_MS);
    return () => clearTimeout(timer);
  }, [text, sent, onChange, router]);

  useShortcuts(shortcut ? [{ keys: "/", label, run: () => input.current?.focus() }] : []);

  function clear() {
    setText("");
    input.current?.focus();
  }

  return (
    <TextInput
      ref={input}
      className={classes.search}
      type="text"
      role="searchbox"
      inputMode="search"
      aria-label={label}
      placeholder={label}
      value={text}
      maxLength={120}
      onChange={(event) => setText(event.currentTarget.value)}
      onKeyDown={(event) => {
        if (event.key !== "Escape") return;
        if (text === "") input.current?.blur();
        else clear();
      }}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={
        text === "" ? (
          shortcut && <Kbd keys="/" />
        ) : (
          <CloseButton size="sm" aria-label={t("search.clear")} onClick={clear} />
        )
      }
    />
  );
}
