import { setUpBuy } from './buy.js';
import { showFleet } from './fleet.js';
import { missHost, showHost } from './host.js';
import { showEvents } from './lifecycle.js';
import { listen } from './live.js';
import { setUpOrders } from './orders.js';
import { setUpPutBack } from './put-back.js';
import { setUpReload, showReload } from './reload.js';
import { setUpReserve } from './reserve.js';
import { setUpRush, showSlots } from './rush.js';
import { missSource, showNews, showSource } from './sales.js';
import { setUpSlow } from './slow.js';
import { missStock, showStock } from './stock.js';
import { setUpStrip } from './strip.js';
import { setClock, tell } from './timeline.js';
import { meet } from './visitors.js';
import { watch } from './watch.js';
import { setUpWeather } from './weather.js';
import { showWorkers } from './workers.js';

setUpStrip();
setUpOrders();
setUpReload();
setUpRush();
setUpBuy();
setUpReserve();
setUpPutBack();
setUpSlow();
setUpWeather();
meet();
listen(onLive, onSilence);
void watch('/api/snapshot', onSnapshot, onMiss);
void watch('/api/fleet', showFleet, () => {}, 5000);

function onLive({ via, stock, news }) {
  showSource(via);
  showNews(news);
  showStock(stock);
}

function onSilence() {
  missSource();
  missStock();
}

/** One snapshot for all sections, so that they agree. */
function onSnapshot(snapshot) {
  setClock(snapshot.at);
  if (document.documentElement.dataset.loading !== undefined) {
    tell('note', 'You opened this page', `pid ${document.body.dataset.pid} served it.`);
  }
  showHost(snapshot);
  showWorkers(snapshot.workers);
  showEvents(snapshot.events);
  showReload(snapshot);
  showSlots(snapshot.workers);
  link('live');
}

/** A request that reaches a blocked worker gets no answer in time. The next one goes to another worker. */
function onMiss(error, misses) {
  if (misses < 2) return;
  missHost(error);
  link('lost');
}

function link(state) {
  document.documentElement.dataset.link = state;
  delete document.documentElement.dataset.loading;
}
