import { Button, Textarea, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconTrash } from "@tabler/icons-react";
import { useQuery } from "@tanstack/react-query";
import { Link, useNavigate, useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useTranslation } from "react-i18next";
import { api, client } from "@/api/client";
import { present } from "@/api/present";
import { asProblem } from "@/api/problem";
import { useIntent } from "@/api/use_intent";
import { useRefresh } from "@/api/use_pages";
import { ConfirmDialog } from "@/ui/confirm_dialog";
import { formatInteger } from "@/ui/format";
import { PageHeader, Section } from "@/ui/page_header";
import { ErrorState, PageSkeleton } from "@/ui/states";
import { useAudienceRights } from "./audience";
import classes from "./audience.module.css";
import { RuleBuilder } from "./rule_builder";
import builder from "./rule_builder.module.css";
import { asList, isComplete, type Rule } from "./rule_model";
import { TARGET_GROUPS, type TargetGroup } from "./target_groups";

const COUNT_AFTER_MS = 400;

export function TargetGroupPage() {
  const { targetGroupId } = useParams({ from: "/shell/target-groups/$targetGroupId" });
  const { data, error, refetch } = api.useQuery("get", "/v1/target-groups/{target_group_id}", {
    params: { path: { target_group_id: targetGroupId } },
  });
  if (data !== undefined) return <Editor key={`${data.id} ${data.version}`} target={data} />;
  if (error) return <ErrorState error={error} onRetry={() => void refetch()} />;
  return <PageSkeleton />;
}

export function NewTargetGroupPage() {
  return <Editor />;
}

function Editor({ target }: { target?: TargetGroup }) {
  const { t } = useTranslation("targeting");
  const navigate = useNavigate();
  const refresh = useRefresh();
  const rights = useAudienceRights();
  const mayEdit = target === undefined ? rights.add : rights.change;
  const [name, setName] = useState(target?.name ?? "");
  const [description, setDescription] = useState(target?.description ?? "");
  const [rule, setRule] = useState<Rule>(asList((target?.rule as Rule) ?? { kind: "consent" }));
  const [deleting, setDeleting] = useState(false);
  const saving = useIntent(
    async (body: { name: string; description: string; rule: Record<string, unknown> }, headers) =>
      target === undefined
        ? present(await client.POST(TARGET_GROUPS, { body, headers }))
        : present(
            await client.PATCH("/v1/target-groups/{target_group_id}", {
              params: { path: { target_group_id: target.id } },
              body: { ...body, version: target.version },
              headers,
            }),
          ),
    {
      onSuccess: async (saved) => {
        await refresh(TARGET_GROUPS);
        await navigate({
          to: "/target-groups/$targetGroupId",
          params: { targetGroupId: saved.id },
        });
      },
    },
  );
  const complete = name.trim() !== "" && isComplete(rule);
  return (
    <>
      <PageHeader
        title={target?.name ?? t("list.new")}
        trail={[
          <Link key="list" to="/target-groups">
            {t("tabs.target_groups")}
          </Link>,
          target?.name ?? t("list.new"),
        ]}
        actions={
          target !== undefined &&
          rights.change && (
            <Button
              variant="default"
              data-tone="bad"
              leftSection={<IconTrash size={16} aria-hidden />}
              onClick={() => setDeleting(true)}
            >
              {t("edit.delete")}
            </Button>
          )
        }
      />
      <form
        className={classes.stack}
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          saving.mutate({
            name: name.trim(),
            description: description.trim(),
            rule: rule as unknown as Record<string, unknown>,
          });
        }}
      >
        <Section>
          <div className={classes.pair}>
            <TextInput
              label={t("list.name")}
              maxLength={80}
              disabled={!mayEdit}
              value={name}
              onChange={(event) => setName(event.currentTarget.value)}
            />
            <Textarea
              autosize
              label={t("list.description")}
              maxLength={500}
              disabled={!mayEdit}
              value={description}
              onChange={(event) => setDescription(event.currentTarget.value)}
            />
          </div>
        </Section>
        <Section title={t("edit.rule")}>
          <fieldset disabled={!mayEdit} className={classes.fieldset}>
            <RuleBuilder rule={rule} onChange={setRule} own={target?.id} />
          </fieldset>
        </Section>
        <Count rule={rule} own={target?.id} />
        {saving.isError && <ErrorState error={saving.error} compact safe={t("edit.kept")} />}
        {mayEdit && (
          <div className={classes.actions}>
            <Button type="submit" disabled={!complete} loading={saving.isPending}>
              {t(target === undefined ? "edit.create" : "edit.save")}
            </Button>
          </div>
        )}
      </form>
      {deleting && target !== undefined && (
        <DeleteDialog target={target} onClose={() => setDeleting(false)} />
      )}
    </>
  );
}

/** Whom the rule means at this moment; asked for when the typing rests. */
function Count({ rule, own }: { rule: Rule; own: string | undefined }) {
  const { t, i18n } = useTranslation("targeting");
  const [asked] = useDebouncedValue(rule, COUNT_AFTER_MS);
  const ready = isComplete(asked);
  const count = useQuery({
    queryKey: ["target-count", asked, own],
    enabled: ready,
    retry: false,
    queryFn: async ({ signal }) =>
      present(
        await client.POST("/v1/target-groups/count", {
          body: {
            rule: asked as unknown as Record<string, unknown>,
            target_group_id: own ?? null,
          },
          signal,
        }),
      ),
  });
  const number = (value: number) => formatInteger(value, i18n.language);
  return (
    <Section title={t("count.title")}>
      <p className={builder.count} role="status">
        {!ready && <span>{t("count.unfinished")}</span>}
        {ready && count.isPending && <span>{t("count.counting")}</span>}
        {ready && count.data !== undefined && (
          <>
            <strong>
              {count.data.is_exact ? "" : "≈ "}
              {number(count.data.subscribers)}
            </strong>
            <span>
              {t("count.consent", {
                count: count.data.with_consent,
                amount: number(count.data.with_consent),
              })}
            </span>
            {!count.data.is_exact && <span>{t("count.estimate")}</span>}
          </>
        )}
      </p>
      {ready && count.isError && <ErrorState error={asProblem(count.error)} compact />}
    </Section>
  );
}

function DeleteDialog({ target, onClose }: { target: TargetGroup; onClose: () => void }) {
  const { t } = useTranslation("targeting");
  const navigate = useNavigate();
  const refresh = useRefresh();
  const deleting = useIntent(
    (target_group_id: string, headers) =>
      client.DELETE("/v1/target-groups/{target_group_id}", {
        params: { path: { target_group_id } },
        headers,
      }),
    {
      onSuccess: async () => {
        await navigate({ to: "/target-groups" });
        await refresh(TARGET_GROUPS);
      },
    },
  );
  return (
    <ConfirmDialog
      opened
      danger
      title={t("edit.delete_title", { name: target.name })}
      confirm={t("edit.delete")}
      pending={deleting.isPending}
      error={deleting.error}
      onClose={onClose}
      onConfirm={() => deleting.mutate(target.id)}
    >
      <p>{t("edit.delete_text")}</p>
    </ConfirmDialog>
  );
}
