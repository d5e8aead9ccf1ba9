import { Controller, Get, Header } from '@nestjs/common';
import { ClusterService } from 'nestjs-cluster';
import { WeatherService } from './weather.service.js';

@Controller('api/weather')
export class WeatherController {
  constructor(
    private readonly weather: WeatherService,
    private readonly cluster: ClusterService,
  ) {}

  @Get()
  @Header('Cache-Control', 'no-store')
  @Header('Connection', 'close')
  async tonight() {
    return { ...(await this.weather.tonight()), answeredBy: this.cluster.worker };
  }
}
