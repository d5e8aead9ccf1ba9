import { setUpBlock } from './block.js';
import { setUpBuy } from './buy.js';
import { changes } from './changes.js';
import { followCrash, setUpCrash } from './crash.js';
import { missHealth, PROBE, showHealth } from './health.js';
import { showHost } from './host.js';
import { listen } from './live.js';
import { setUpPutBack } from './put-back.js';
import { setUpRush } from './rush.js';
import { setUpReload } from './reload.js';
import { setUpReserve } from './reserve.js';
import { missSource, showNews, showSource } from './sales.js';
import { setUpSlow } from './slow.js';
import { missStock, showStock } from './stock.js';
import { tell } from './timeline.js';
import { meet } from './visitors.js';
import { watch } from './watch.js';
import { setUpWeather } from './weather.js';
import { setUpWhoAmI, showSlots } from './whoami.js';
import { missWorkers, showWorkers } from './workers.js';

let last;
let missed;

setUpBuy();
setUpReserve();
setUpRush();
setUpPutBack();
setUpWhoAmI();
setUpCrash();
setUpBlock();
setUpSlow();
setUpReload();
setUpWeather();
meet();
tell('note', 'You opened this page', `pid ${document.body.dataset.pid} served it.`);
listen(onLive, onSilence);
void watch('/api/status', onStatus, onMiss);
void watch('/api/workers', showWorkers, missWorkers);
void watch('/health/ready', showHealth, missHealth, PROBE);

function onLive({ via, stock, news }) {
  showSource(via);
  showNews(news);
  showStock(stock);
}

function onSilence() {
  missSource();
  missStock();
}

function onStatus(status, misses) {
  if (misses === 1 && last) {
    const why = missed.timedOut ? 'Its worker was blocked' : 'Its worker had exited';
    tell('note', 'One status request got no answer', `${why}. The next one was answered.`);
  } else if (misses > 1) {
    tell('good', 'The application answers again');
  }
  showHost(status);
  showSlots(status.workers);
  if (last) changes(last, status).forEach(({ kind, title, detail }) => tell(kind, title, detail));
  followCrash(status);
  last = status;
  link('live');
}

function onMiss(error, misses) {
  missed = error;
  if (misses === 2) tell('bad', 'The application does not answer', 'Retrying once a second.');
  link(misses === 1 ? 'waiting' : 'lost');
}

function link(state) {
  document.documentElement.dataset.link = state;
  delete document.documentElement.dataset.loading;
}
