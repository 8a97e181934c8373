import { Drawer, Modal } from "@mantine/core";
import type { ReactNode } from "react";
import { useTranslation } from "react-i18next";
import classes from "./dialog.module.css";

type Props = {
  title: string;
  onClose: () => void;
  children: ReactNode;
  size?: "md" | "lg";
  closeOnClickOutside?: boolean;
};

/**
 * A dialog that is open while it is mounted. The header gives up its role: two banners on a page
 * (this one and the shell's) are one too many for screen readers.
 */
export function Dialog({ title, onClose, children, size, closeOnClickOutside }: Props) {
  const { t } = useTranslation();
  return (
    <Modal.Root
      opened
      onClose={onClose}
      size={size}
      centered
      closeOnClickOutside={closeOnClickOutside}
    >
      <Modal.Overlay className={classes.overlay} />
      <Modal.Content>
        <Modal.Header role="none">
          <Modal.Title>{title}</Modal.Title>
          <Modal.CloseButton aria-label={t("confirm.close")} />
        </Modal.Header>
        <Modal.Body>{children}</Modal.Body>
      </Modal.Content>
    </Modal.Root>
  );
}

const PANEL_WIDTH_PX = 460;

type PanelProps = { opened: boolean; title: string; onClose: () => void; children: ReactNode };

/** What a row holds, beside the list it stands in; the whole width on a phone. */
export function SidePanel({ opened, title, onClose, children }: PanelProps) {
  const { t } = useTranslation();
  return (
    <Drawer.Root opened={opened} onClose={onClose} position="right" size={PANEL_WIDTH_PX}>
      <Drawer.Overlay className={classes.overlay} />
      <Drawer.Content>
        <Drawer.Header role="none">
          <Drawer.Title className={classes.panelTitle}>{title}</Drawer.Title>
          <Drawer.CloseButton aria-label={t("confirm.close")} />
        </Drawer.Header>
        <Drawer.Body>{children}</Drawer.Body>
      </Drawer.Content>
    </Drawer.Root>
  );
}
