/** Playbooks that restore a backup beside what lives, to see whether it can be done. */
export const DRILLS = /^(restore-test|drill)(-|$)/;
