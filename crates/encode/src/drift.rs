//! [`Drift`]: how much faster or slower sound must be played so that it keeps to the take's clock.

/// The most that the speed is changed: nobody hears half a percent.
const MAX_SPEED_CHANGE: f64 = 0.005;
/// Time over which the jitter of time stamps is averaged, in seconds.
const SMOOTHING_S: f64 = 1.0;
/// How quickly a distance is made good, a second.
const PULL: f64 = 0.5;
/// How quickly a lasting difference is learnt, a second squared.
const LEARN: f64 = 0.05;

/// A control loop: the distance between when sound was captured and where it came to lie gives a change of speed, which
/// closes the distance. A lasting difference of clocks is learnt, so that no distance remains.
#[derive(Debug, Default)]
pub(crate) struct Drift {
    distance_s: f64,
    learnt: f64,
}

impl Drift {
    /// Takes the distance of a block, in seconds, positive if sound lies too early; and how long the block is. Gives the
    /// part by which to play faster; negative is slower.
    pub(crate) fn follow(&mut self, distance_s: f64, block_s: f64) -> f64 {
        self.distance_s += (distance_s - self.distance_s) * (block_s / SMOOTHING_S).min(1.0);
        self.learnt = (self.learnt + self.distance_s * block_s * LEARN)
            .clamp(-MAX_SPEED_CHANGE, MAX_SPEED_CHANGE);
        // Sound that lies too early comes out too fast: stretch it.
        -(self.distance_s * PULL + self.learnt).clamp(-MAX_SPEED_CHANGE, MAX_SPEED_CHANGE)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Runs the loop for ten minutes with a device that is off by `drift`, and gives the worst distance after the first
    /// 20 seconds and the worst ever.
    fn run(drift: f64, jitter_s: f64) -> (f64, f64) {
        let (mut control, mut distance_s) = (Drift::default(), 0.0_f64);
        let (mut settled, mut worst) = (0.0_f64, 0.0_f64);
        for block in 0..60_000 {
            let noise = jitter_s * (f64::from(block * 7919 % 1000) / 500.0 - 1.0);
            let faster = control.follow(distance_s + noise, 0.01);
            // Playing faster puts what follows earlier.
            distance_s += 0.01 * (drift + faster);
            worst = worst.max(distance_s.abs());
            if block > 2000 {
                settled = settled.max(distance_s.abs());
            }
        }
        (settled, worst)
    }

    #[test]
    fn a_device_that_is_off_is_followed_without_remainder() {
        for drift in [0.0, 0.000_05, -0.001, 0.003, -0.004] {
            let (settled, worst) = run(drift, 0.005);
            assert!(worst < 0.015, "a drift of {drift} went off by {worst} s");
            assert!(settled < 0.002, "a drift of {drift} stayed off by {settled} s");
        }
    }

    #[test]
    fn half_a_percent_either_way_stays_within_20_ms() {
        for drift in [0.005, -0.005] {
            let (_, worst) = run(drift, 0.0);
            assert!(worst < 0.015, "a drift of {drift} went off by {worst} s");
        }
    }
}
