import { IconAlertTriangleFilled } from "@tabler/icons-react";
import { Avatar } from "@/ui/avatar";
import { Bars } from "@/ui/charts/bars";
import classes from "./tenant_pane.module.css";

export function TenantPane() {
  return (
    <aside className={classes.tenant} aria-label="Company">
      <header>
        <Avatar name="Nordlys Retail" square />
        <div>
          <strong>Nordlys Retail</strong>
          <span>Customer since Mar 2024, Oslo</span>
        </div>
      </header>
      <dl>
        <dt>Approved first time</dt>
        <dd>96 of 98</dd>
        <dt>Complaints, 90 days</dt>
        <dd>0.02%</dd>
        <dt>Opt-outs, last send</dt>
        <dd>0.4%</dd>
        <dt>Credits</dt>
        <dd>66,240</dd>
      </dl>
      <h3>This send</h3>
      <Bars
        label="Recipients by country"
        bars={[
          { id: "no", label: "Norway", value: 34_229 },
          { id: "se", label: "Sweden", value: 10_606 },
          { id: "dk", label: "Denmark", value: 3_375 },
        ]}
      />
      <p className={classes.staffNote}>
        <strong>
          <IconAlertTriangleFilled size={13} aria-hidden /> Staff note
        </strong>
        Marketing uses an agency since October. Ask them to confirm new landing domains by phone.
      </p>
    </aside>
  );
}
