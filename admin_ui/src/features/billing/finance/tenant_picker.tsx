import { Select } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api } from "@/api/client";

const QUIET_MS = 250;
const FOUND_MAX = 20;

type Target = { id: string; name: string };
type Props = { value: Target | null; onChange: (target: Target | null) => void };

/** Any tenant by its name, where no suggestion fits. */
export function TenantPicker({ value, onChange }: Props) {
  const { t } = useTranslation("finance");
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed.trim(), QUIET_MS);
  const { data } = api.useQuery("get", "/v1/tenants", {
    params: { query: { search: search || undefined, limit: FOUND_MAX } },
  });
  const found = data?.items ?? [];
  const options = new Map(found.map((tenant) => [tenant.id, tenant.name]));
  if (value !== null) options.set(value.id, value.name);
  return (
    <Select
      label={t("matching.tenant")}
      placeholder={t("matching.find_tenant")}
      searchable
      filter={({ options: all }) => all}
      data={[...options].map(([id, name]) => ({ value: id, label: name }))}
      value={value?.id ?? null}
      searchValue={typed}
      onSearchChange={setTyped}
      onChange={(id) => onChange(id === null ? null : { id, name: options.get(id) ?? "" })}
    />
  );
}
