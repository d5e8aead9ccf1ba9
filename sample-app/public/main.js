import { setUpBlock } from './block.js';
import { setUpBuy } from './buy.js';
import { changes } from './changes.js';
import { followCrash, setUpCrash } from './crash.js';
import { setText } from './dom.js';
import { showHost } from './host.js';
import { listen } from './live.js';
import { setUpPutBack } from './put-back.js';
import { setUpRush } from './rush.js';
import { setUpReload } from './reload.js';
import { missSource, showNews, showSource } from './sales.js';
import { setUpSlow } from './slow.js';
import { missStock, showStock } from './stock.js';
import { tell } from './timeline.js';
import { watch } from './watch.js';
import { setUpWhoAmI, showSlots } from './whoami.js';
import { missWorkers, showWorkers } from './workers.js';

const pulse = document.querySelector('#pulse');
let last;
let missed;

setUpBuy();
setUpRush();
setUpPutBack();
setUpWhoAmI();
setUpCrash();
setUpBlock();
setUpSlow();
setUpReload();
tell('note', 'You opened this page', `pid ${document.body.dataset.pid} served it.`);
listen(onLive, onSilence);
void watch('/api/status', onStatus, onMiss);
void watch('/api/workers', showWorkers, missWorkers);

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
    const why = missed.timedOut ? 'It had come to a busy worker' : 'Its worker was gone';
    tell('note', 'One status request got no answer', `${why}. The next one was answered.`);
  } else if (misses > 1) {
    tell('good', 'The application answers again');
  }
  showHost(status);
  showSlots(status.workers);
  if (last) changes(last, status).forEach(({ kind, title, detail }) => tell(kind, title, detail));
  followCrash(status);
  last = status;
  beat(status.state === 'stopping' ? 'stopping' : 'live');
}

function onMiss(error, misses) {
  missed = error;
  if (misses === 2) tell('bad', 'The application does not answer', 'Asking on, once a second.');
  beat(misses === 1 ? 'waiting' : 'lost');
}

function beat(state) {
  const texts = { live: 'Live', stopping: 'Stopping', waiting: 'Waiting', lost: 'No answer' };
  pulse.dataset.state = state;
  document.documentElement.dataset.link = state;
  setText(pulse, texts[state]);
  delete document.documentElement.dataset.loading;
}
