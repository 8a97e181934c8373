import { IconFileDownload } from "@tabler/icons-react";
import { useTranslation } from "react-i18next";

type Props = { tenant_id: string; proof_file: string | null };

/** The bank's paper as it was uploaded; the server sends it as a download, never to be shown. */
export function ProofLink({ tenant_id, proof_file }: Props) {
  const { t } = useTranslation("finance");
  if (proof_file === null) return <>–</>;
  return (
    <a href={`/v1/tenants/${tenant_id}/proof-files/${proof_file}`} download>
      <IconFileDownload size={15} aria-hidden style={{ verticalAlign: "-2px" }} /> {t("proof_open")}
    </a>
  );
}
