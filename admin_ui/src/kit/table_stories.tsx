import { Button, SegmentedControl } from "@mantine/core";
import { IconSend } from "@tabler/icons-react";
import { useMemo, useState } from "react";
import { CreditAmount } from "@/ui/credit_amount";
import { type Column, DataTable } from "@/ui/data_table";
import { BulkBar } from "@/ui/data_table_skeleton";
import { Section } from "@/ui/page_header";
import { ProgressBar } from "@/ui/progress_bar";
import { RelativeTime } from "@/ui/relative_time";
import { SessionStatePill } from "@/ui/state_pill";
import { EmptyState } from "@/ui/states";
import { type CampaignRow, campaignRows } from "./samples";

const columns: Column<CampaignRow>[] = [
  { id: "name", header: "Campaign", primary: true, cell: (row) => row.name },
  { id: "audience", header: "Audience", cell: (row) => row.audience },
  { id: "state", header: "State", cell: (row) => <SessionStatePill state={row.state} /> },
  {
    id: "progress",
    header: "Progress",
    width: 140,
    cell: (row) => (
      <ProgressBar
        label={row.name}
        size="sm"
        legend={false}
        delivered={row.delivered}
        waiting={row.waiting}
        failed={row.failed}
        queued={row.recipients - row.delivered - row.waiting - row.failed}
      />
    ),
  },
  {
    id: "recipients",
    header: "Recipients",
    align: "end",
    cell: (row) => <CreditAmount credits={row.recipients} />,
  },
  {
    id: "credits",
    header: "Credits",
    align: "end",
    cell: (row) => <CreditAmount credits={row.credits} />,
  },
  { id: "at", header: "Changed", align: "end", cell: (row) => <RelativeTime at={row.at} /> },
];

type Face = "rows" | "virtual" | "loading" | "empty" | "error";

const FACES: Face[] = ["rows", "virtual", "loading", "empty", "error"];

export function TableStories() {
  const [face, setFace] = useState<Face>("rows");
  const [loaded, setLoaded] = useState(6);
  const [selected, setSelected] = useState<string[]>([]);
  const now = useMemo(() => Date.now(), []);
  const rows = useMemo(() => {
    if (face === "empty") return [];
    if (face === "loading" || face === "error") return undefined;
    return campaignRows(face === "virtual" ? 5_000 : loaded, now);
  }, [face, loaded, now]);
  return (
    <Section
      title="Campaigns"
      flush
      aside={
        <SegmentedControl
          size="xs"
          aria-label="Face"
          value={face}
          onChange={(value) => setFace(value as Face)}
          data={FACES}
        />
      }
    >
      <DataTable
        label="Campaigns"
        columns={columns}
        rows={rows}
        rowId={(row) => row.id}
        rowLabel={(row) => row.name}
        error={face === "error" ? new Error("timed out") : undefined}
        onRetry={() => setFace("rows")}
        keys
        onOpen={() => undefined}
        selection={{ ids: selected, onChange: setSelected }}
        height={face === "virtual" ? 420 : undefined}
        onLoadMore={face === "rows" && loaded < 24 ? () => setLoaded(loaded + 6) : undefined}
        empty={
          <EmptyState
            icon={IconSend}
            title="No campaigns yet"
            action={<Button>New campaign</Button>}
          >
            What you send stands here, with who got it.
          </EmptyState>
        }
      />
      <BulkBar count={selected.length}>
        <Button variant="default" onClick={() => setSelected([])}>
          Clear
        </Button>
      </BulkBar>
    </Section>
  );
}
