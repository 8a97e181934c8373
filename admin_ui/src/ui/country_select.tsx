import { MultiSelect, type MultiSelectProps, Select, type SelectProps } from "@mantine/core";
import { useMemo } from "react";
import { useTranslation } from "react-i18next";
import { countryOptions } from "./countries";

/** One country by name, in the language of the page. */
export function CountrySelect(props: Omit<SelectProps<string>, "data">) {
  const { i18n } = useTranslation();
  const data = useMemo(() => countryOptions(i18n.language), [i18n.language]);
  return <Select searchable clearable data={data} {...props} />;
}

export function CountriesSelect(props: Omit<MultiSelectProps<string>, "data">) {
  const { i18n } = useTranslation();
  const data = useMemo(() => countryOptions(i18n.language), [i18n.language]);
  return <MultiSelect searchable data={data} {...props} />;
}
