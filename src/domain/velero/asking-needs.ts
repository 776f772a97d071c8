/** As rights are written in an action's `needs`: what it takes to ask Velero for a file of the storage, and whether its server answers. */
export const DOWNLOAD_NEEDS: readonly string[] = ['create', 'get', 'delete'].map((verb) => `${verb} downloadrequests.velero.io`);
export const SERVER_NEEDS: readonly string[] = ['create', 'get', 'delete'].map((verb) => `${verb} serverstatusrequests.velero.io`);
