export function DeskStory() { return null; }
