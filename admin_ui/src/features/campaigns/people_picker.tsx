import { CloseButton, Combobox, TextInput, useCombobox } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import type { TablerIcon } from "@tabler/icons-react";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import classes from "./audience_step.module.css";
import { peopleQuery } from "./queries";

const SEARCH_AFTER_MS = 250;

type Props = {
  label: string;
  icon: TablerIcon;
  ids: readonly string[];
  onChange: (ids: string[]) => void;
};

/** Single people by name or number. Their ids are kept; a name is shown where it was seen. */
export function PeoplePicker({ label, icon: Icon, ids, onChange }: Props) {
  const { t } = useTranslation();
  const queries = useQueryClient();
  const combobox = useCombobox();
  const [search, setSearch] = useState("");
  const [wanted] = useDebouncedValue(search.trim(), SEARCH_AFTER_MS);
  const people = useQuery(peopleQuery(wanted));
  const found = (people.data?.items ?? []).filter(({ id }) => !ids.includes(id));

  function nameOf(id: string): string {
    return queries.getQueryData<string>(["subscriber-name", id]) ?? t("composer.audience.somebody");
  }

  function add(id: string) {
    const person = found.find((each) => each.id === id);
    if (person !== undefined) {
      queries.setQueryData(["subscriber-name", id], person.full_name ?? person.phone);
    }
    onChange([...ids, id]);
    setSearch("");
    combobox.closeDropdown();
  }

  return (
    <>
      <Combobox store={combobox} onOptionSubmit={add}>
        <Combobox.Target>
          <TextInput
            aria-label={label}
            placeholder={label}
            leftSection={<Icon size={16} aria-hidden />}
            value={search}
            onChange={(event) => {
              setSearch(event.currentTarget.value);
              combobox.openDropdown();
            }}
            onBlur={() => combobox.closeDropdown()}
          />
        </Combobox.Target>
        <Combobox.Dropdown hidden={wanted.length < 2}>
          <Combobox.Options mah={220} style={{ overflowY: "auto" }}>
            {found.map((person) => (
              <Combobox.Option key={person.id} value={person.id}>
                {person.full_name ?? ""} <span className="mono">{person.phone}</span>
              </Combobox.Option>
            ))}
            {people.isSuccess && found.length === 0 && (
              <Combobox.Empty>{t("composer.audience.nobody")}</Combobox.Empty>
            )}
          </Combobox.Options>
        </Combobox.Dropdown>
      </Combobox>
      {ids.length > 0 && (
        <ul className={classes.chosen}>
          {ids.map((id) => (
            <li key={id}>
              {nameOf(id)}
              <CloseButton
                size="xs"
                aria-label={t("composer.audience.remove", { name: nameOf(id) })}
                onClick={() => onChange(ids.filter((each) => each !== id))}
              />
            </li>
          ))}
        </ul>
      )}
    </>
  );
}
