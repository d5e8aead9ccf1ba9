export { ClusterThrottlerStorage } from 'nestjs-cluster/throttler';
