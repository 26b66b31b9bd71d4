// Shows the hidden neurons that speak for a class and against it, with what each looks for.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const SHOWN = 6; // neurons of each side

  const figure = (number) => `${number < 0 ? "−" : "+"}${Math.abs(number).toFixed(2)}`;

  /** The numbers of the neurons whose terms are largest, and above 0. */
  function largest(terms) {
    return [...terms.keys()]
      .filter((j) => terms[j] > 0)
      .sort((i, j) => terms[j] - terms[i])
      .slice(0, SHOWN);
  }

  function total(terms, sign) {
    const own = terms.filter((term) => term * sign > 0);
    return { count: own.length, sum: own.reduce((sum, term) => sum + term, 0) };
  }

  /** How z comes about, as a sentence. */
  function sentence({ bias, terms, sum }, what) {
    const [pro, contra] = [total(terms, 1), total(terms, -1)];
    return (
      `${figure(pro.sum)} from ${pro.count} ${what}, ${figure(contra.sum)} from ${contra.count}, ` +
      `bias ${figure(bias)}: ${figure(sum)} in all.`
    );
  }

  function legendOf(layers) {
    if (layers === 1) {
      return (
        "There is no hidden layer. Above are the weights from each pixel to the class, and what " +
        "this drawing makes of them: blue speaks for it, orange against it."
      );
    }
    const looks =
      layers === 2
        ? "shows a hidden neuron's weights: ink on blue raises it, ink on orange lowers it"
        : "shows how ink here or there would move a neuron of the last hidden layer: on blue up, " +
          "on orange down";
    return `A picture ${looks}. Its figure is its activation times its weight to the class.`;
  }

  /** section: the tab; network, names: of its classes. */
  function create(section, network, names) {
    const find = (id) => section.querySelector(`#why-${id}`);
    const flat = network.layers.length === 1;
    const sides = { for: [], against: [] };
    const template = section.querySelector("#neuron").content;
    for (const [name, items] of Object.entries(sides)) {
      for (let i = 0; i < (flat ? 1 : SHOWN); i++) {
        const list = find(name);
        list.append(template.cloneNode(true));
        const item = list.lastElementChild;
        items.push({ item, canvas: item.firstElementChild, term: item.lastElementChild });
      }
    }
    find("legend").textContent = legendOf(network.layers.length);
    if (flat) find("sides").classList.add("flat");

    function fill(items, neurons, pictureOf, terms) {
      items.forEach(({ item, canvas, term }, i) => {
        item.hidden = i >= neurons.length;
        if (item.hidden) return;
        fastnn.pictures.signed(canvas, pictureOf(neurons[i]));
        canvas.setAttribute("aria-label", `Hidden neuron ${neurons[i] + 1}`);
        term.textContent = figure(terms[neurons[i]]);
      });
    }

    /** The two pictures of a network without a hidden layer. */
    function fillFlat(pixels, k) {
      const weights = fastnn.contributions.weightsTo(network, k);
      const pictures = [["for", "Weights", weights], ["against", "This drawing", pixels.terms]];
      for (const [side, name, values] of pictures) {
        const [{ canvas, term }] = sides[side];
        fastnn.pictures.signed(canvas, values);
        canvas.setAttribute("aria-label", name);
        term.textContent = name;
      }
    }

    /** run: what feedforward returned, null where there is nothing to explain; k: the class. */
    function update(run, k) {
      find("sides").hidden = find("legend").hidden = !run;
      find("title").textContent = run ? `What speaks for ${names[k]}, and against it` : "Why?";
      find("sum").textContent = run ? "" : "The hidden neurons that speak for a class appear here.";
      if (!run) return;
      const found = fastnn.contributions.of(network, run, k);
      find("sum").textContent = sentence(found, flat ? "pixels" : "neurons");
      if (flat) return fillFlat(found, k);
      const pictureOf = (j) => fastnn.contributions.picture(network, run, j);
      fill(sides.for, largest(found.terms), pictureOf, found.terms);
      fill(sides.against, largest(found.terms.map((term) => -term)), pictureOf, found.terms);
    }

    return { update };
  }

  fastnn.explanation = { create };
})();
