// The form: what the reader changes becomes a setting, and settings are shown in it.
"use strict";
(() => {
  const fastnn = (globalThis.fastnn ??= {});
  const train = (fastnn.train ??= {});

  // Sliders go by powers of ten, from the one to the other, and have 0 at their left end.
  const decades = { eta: [-3, 1], l1: [-3, 2], l2: [-3, 2] };
  const steps = 100;

  function valueAt(name, position) {
    if (position === 0) return 0;
    const [low, high] = decades[name];
    return Number((10 ** (low + ((high - low) * (position - 1)) / (steps - 1))).toPrecision(2));
  }

  function positionOf(name, value) {
    if (!(value > 0)) return 0;
    const [low, high] = decades[name];
    const position = 1 + ((Math.log10(value) - low) / (high - low)) * (steps - 1);
    return Math.min(steps, Math.max(1, Math.round(position)));
  }

  /** A control's value as it stands in the address. */
  function textOf(control) {
    if (control.type === "checkbox") return control.checked ? "1" : "0";
    if (control.name === "hidden") return control.value.trim().replace(/[\s,;-]+/g, "-") || "none";
    return control.value;
  }

  /**
   * The forms inside `section`: controls whose `name` is that of a setting, and sliders with
   * `data-of`. change({name: value}) is called with what the reader has set.
   */
  class Fields {
    constructor(section, change) {
      this.change = change;
      this.controls = [...section.querySelectorAll("[name]")].filter(
        ({ name }) => name in train.settings.kinds,
      );
      this.sliders = [...section.querySelectorAll("[data-of]")];
      for (const control of this.controls)
        control.addEventListener("change", () => this.read(control));
      for (const slider of this.sliders) {
        [slider.min, slider.max, slider.step] = [0, steps, 1];
        slider.addEventListener("input", () => this.slide(slider));
      }
    }

    read(control) {
      try {
        const value = train.settings.kinds[control.name][0].read(textOf(control));
        this.complain(control, null);
        this.change({ [control.name]: value });
      } catch (error) {
        this.complain(control, `Expected ${error.message}.`);
      }
    }

    slide(slider) {
      const name = slider.dataset.of;
      this.change({ [name]: valueAt(name, Number(slider.value)) });
    }

    /** Say beside a control what is wrong with it; null: nothing. */
    complain(control, text) {
      const label = control.closest("label");
      let place = label.querySelector(".wrong");
      if (!text) place?.remove();
      control.setAttribute("aria-invalid", String(text !== null));
      if (!text) return;
      if (!place) {
        place = document.createElement("span");
        [place.className, place.role] = ["wrong", "alert"];
        label.append(place);
      }
      place.textContent = text;
    }

    /** Settings, in the form; {name: text}. */
    show(texts) {
      for (const control of this.controls) {
        const text = texts[control.name] ?? train.settings.kinds[control.name][1];
        if (control.type === "checkbox") control.checked = text === "1";
        else control.value = control.name === "hidden" ? text.replaceAll("-", ", ") : text;
        this.complain(control, null);
      }
      for (const slider of this.sliders) {
        const name = slider.dataset.of;
        const text = texts[name] ?? train.settings.kinds[name][1];
        slider.value = positionOf(name, Number(text));
      }
    }
  }

  Object.assign(train, { Fields });
})();
