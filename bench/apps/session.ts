export { ClusterSessionStore } from 'nestjs-cluster/session';
