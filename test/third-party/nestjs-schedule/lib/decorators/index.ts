export * from '@nestjs/schedule';
