import type { Rows } from "@/api/use_pages";
import { type Column, DataTable } from "@/ui/data_table";
import { Section } from "@/ui/page_header";

type Props<Row> = Rows<Row> & {
  title: string;
  hint?: string;
  columns: readonly Column<Row>[];
  rowLabel: (row: Row) => string;
};

/** Only while something waits: five empty tables would hide the one that does not stand empty. */
export function WaitingList<Row extends { id: string } | { version: number }>(props: Props<Row>) {
  const { title, hint, columns, rowLabel, ...page } = props;
  if (page.rows?.length === 0) return null;
  return (
    <Section title={title} aside={hint} flush>
      <DataTable
        {...page}
        label={title}
        columns={columns}
        rowId={(row) => ("id" in row ? row.id : String(row.version))}
        rowLabel={rowLabel}
        empty={null}
      />
    </Section>
  );
}
