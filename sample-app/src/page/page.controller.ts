import { Controller, Get, Header, Param, type StreamableFile } from '@nestjs/common';
import { PageService } from './page.service.js';

@Controller()
export class PageController {
  constructor(private readonly page: PageService) {}

  @Get()
  @Header('Content-Type', 'text/html; charset=utf-8')
  @Header('Cache-Control', 'no-store')
  index(): string {
    return this.page.render();
  }

  @Get('assets/:name')
  @Header('Cache-Control', 'no-cache')
  asset(@Param('name') name: string): StreamableFile {
    return this.page.asset(name);
  }
}
