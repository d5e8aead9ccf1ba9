export type { ScheduleModuleOptions } from '@nestjs/schedule';
