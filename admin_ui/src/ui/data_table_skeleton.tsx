import { Skeleton } from "@mantine/core";
import { useTranslation } from "react-i18next";
import classes from "./data_table.module.css";
import { Delayed } from "./states";

const SKELETON_ROWS = ["a", "b", "c", "d", "e", "f"];

type Props = { columns: readonly { header: string; align?: "start" | "end" }[] };

/** The table's own shape, so that nothing jumps when the rows come. */
export function TableSkeleton({ columns }: Props) {
  const { t } = useTranslation();
  return (
    <Delayed>
      <div role="status" aria-label={t("loading")}>
        <table className={classes.table} aria-hidden>
          <thead>
            <tr>
              {columns.map(({ header, align }) => (
                <th key={header} data-align={align}>
                  {header}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {SKELETON_ROWS.map((row) => (
              <tr key={row}>
                {columns.map(({ header, align }, index) => (
                  <td key={header} data-align={align}>
                    <Skeleton
                      height={12}
                      width={index === 0 ? "70%" : 64}
                      ml={align === "end" ? "auto" : 0}
                    />
                  </td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Delayed>
  );
}

/** What one may do with the ticked rows; sticks to the bottom while any is ticked. */
export function BulkBar({ count, children }: { count: number; children: React.ReactNode }) {
  const { t } = useTranslation();
  if (count === 0) return null;
  return (
    <div className={classes.bulk} role="toolbar" aria-label={t("table.bulk")}>
      <strong>{t("table.selected", { count })}</strong>
      {children}
    </div>
  );
}
