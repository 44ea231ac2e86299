// Shows a checkout of the sandbox in a frame and tells the shop's page what happens there.
//
// The names payex.hostedView, its functions and the events are those of the vendor's public Seamless View as generally
// known; no document we have describes them.
(function (settings) {
  'use strict';

  var NO_ANSWER = 8000; // milliseconds a loaded frame may take to answer before that is an error
  var home = new URL(settings.page);
  var payex = window.payex = window.payex || {};
  var hostedView = payex.hostedView = payex.hostedView || {};

  function element(container) {
    return typeof container === 'string' ? document.getElementById(container) : container;
  }

  function isWeb(address) {
    try {
      return /^https?:$/.test(new URL(address).protocol);
    } catch {
      return false;
    }
  }

  function leave(address) {
    if (!isWeb(address)) return;
    try {
      window.top.location.href = address;
    } catch { // a page around the shop's page that does not let it go
      window.location.href = address;
    }
  }

  hostedView[settings.name] = function (config) {
    var handlers = config || {};
    var frame = null;
    var timer = 0;
    var raised = {};

    function raise(name, detail) {
      if (typeof handlers[name] === 'function') {
        handlers[name](detail);
      } else if (name === 'onPaymentCompleted' || name === 'onPaymentCanceled' || name === 'onPaymentFailed') {
        leave(detail.redirectUrl);
      } else if (name === 'onError') {
        console.error('payex.hostedView.' + settings.name + ': ' + detail.details);
      }
    }

    // Each event is told once, however often the frame is loaded: a shop that hears of completion twice would act twice.
    function once(name, detail) {
      var key = name + ' ' + (detail.messageId || '');
      if (raised[key]) return;
      raised[key] = true;
      raise(name, detail);
    }

    function fail(messageId, details) {
      once('onError', { origin: settings.name, messageId: messageId, details: details });
    }

    function address() {
      var page = new URL(home);
      if (handlers.culture) page.searchParams.set(settings.culture, handlers.culture);
      return page.href;
    }

    function hear(event) {
      var said = event.data;
      if (!frame || event.source !== frame.contentWindow || event.origin !== home.origin || !said || said.kassa !== 'page') return;
      clearTimeout(timer);
      if (said.height > 0) frame.style.height = Math.min(Math.ceil(said.height), 6000) + 'px';
      if (!said.event) return;
      var detail = { id: said.id };
      if (said.redirectUrl) detail.redirectUrl = said.redirectUrl;
      if (said.event === 'onPaymentToS') {
        raise('onPaymentToS', { id: said.id, owner: 'merchant', openUrl: said.openUrl });
      } else if (said.event === 'onError') {
        detail.origin = settings.name;
        detail.messageId = said.messageId;
        detail.details = 'the payment cannot be made: ' + said.messageId;
        once('onError', detail);
      } else if (/^onPayment(Created|Pending|Completed|Failed|Canceled)$/.test(said.event)) {
        once(said.event, detail);
      }
    }

    // The frame answers nobody before it was greeted, and answers only a page that the payment's hostUrls name.
    function greet() {
      frame.contentWindow.postMessage({ kassa: 'hello', terms: typeof handlers.onPaymentToS === 'function' }, home.origin);
      clearTimeout(timer);
      timer = setTimeout(fail, NO_ANSWER, 'noanswer',
        'the payment page does not answer; is ' + window.location.origin + ' among the hostUrls of the payment?');
    }

    function close() {
      clearTimeout(timer);
      window.removeEventListener('message', hear);
      if (frame) frame.remove();
      frame = null;
    }

    function open() {
      close();
      var container = element(handlers.container);
      if (!container) {
        fail('container', 'config.container names no element of this page');
        return;
      }
      frame = document.createElement('iframe');
      frame.title = 'Payment';
      frame.setAttribute('sandbox', 'allow-forms allow-scripts allow-same-origin allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation');
      frame.referrerPolicy = 'no-referrer';
      frame.style.cssText = 'display:block;width:100%;height:640px;border:0;color-scheme:light dark';
      frame.addEventListener('load', greet);
      window.addEventListener('message', hear);
      frame.src = address();
      container.appendChild(frame);
    }

    function refresh() {
      if (frame) frame.src = address();
    }

    return { open: open, close: close, refresh: refresh };
  };
});
